/** The op table. (First row set follows.) */
export type OpName = string;
