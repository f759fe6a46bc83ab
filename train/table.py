"""Prints the table of generators side by side, in Markdown, for the README.

    python -m train.table
"""

from gen_lab.metrics import table


def main() -> None:
    print(f"{table.markdown()}\n\n{table.EXPLANATION}")


if __name__ == "__main__":
    main()
