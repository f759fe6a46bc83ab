// How the words of a caption are written and spoken of. What the controls say around them comes from Python (`words`).

export const END = "<end>";
export const spoken = (word, words) => (word === END ? words.end : word);

// A sentence of Python's with its {values}.
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
