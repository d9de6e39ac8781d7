// The currencies of ISO 4217 that have another number of decimals than two. What a browser knows of
// currencies is how people write them, which is another matter: it has 0 for AFN.
const decimals: Record<number, string> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

/** How many decimals a currency has; two, if it is unknown. */
export const decimalsOf = (currency: string): number => [0, 3, 4].find((n) => decimals[n]!.includes(currency)) ?? 2;

const latin = (digit: string): string => `${digit.charCodeAt(0) & 15}`;

/**
 * Reads an amount as people type it (1,234.50, 1.234,5, ١٢٫٥٠) in the minor unit of its currency;
 * undefined where it is none, or has more decimals than the currency. Three digits behind one mark
 * are decimals where the currency has three. No number with a fraction comes up on the way.
 */
export function minorOf(text: string, currency: string): number | undefined {
  const digits = decimalsOf(currency);
  const plain = text.replace(/[٠-٩۰-۹]/g, latin).replace(/٫/g, ".").replace(/[\s٬'’]/g, "");
  const read = (pattern: RegExp): string | undefined => {
    const [, whole, , mark, fraction = ""] = pattern.exec(plain) ?? [];
    return whole && (!mark || fraction.length <= digits) ? whole.replace(/[.,]/g, "") + fraction.padEnd(digits, "0") : undefined;
  };
  // Without marks between thousands, or with the same between all of them.
  const minor = Number(read(/^(\d+)()(?:([.,])(\d+))?$/) ?? read(/^(\d{1,3}(?:([.,])\d{3})(?:\2\d{3})*)(?:(?!\2)([.,])(\d+))?$/));
  return minor > 0 && Number.isSafeInteger(minor) ? minor : undefined;
}

/** Writes an amount of a minor unit as people of a language do, for them to read. */
export function moneyIn(language: string, currency: string, minor: number): string {
  const digits = decimalsOf(currency);
  return (minor / 10 ** digits).toLocaleString(language, { style: "currency", currency, minimumFractionDigits: digits });
}
