// How the words of a caption are written and spoken of.

export const END = "<end>";
export const spoken = (word) => (word === END ? "end of the sentence" : word);
