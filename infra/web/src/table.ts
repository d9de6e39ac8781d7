/** Returns what a table has in a language (BCP 47), in English where it has none. */
export const wordsOf = <W>(table: Record<string, W>, language: string): W => table[language.slice(0, 2).toLowerCase()] ?? table.en!;
