// The end of a caption, and the names of its words in sentences.

export const END = "<end>";
export const wordName = (word) => (word === END ? "end of the sentence" : word);
