/** Whether a language (BCP 47) is written from right to left. */
export const rightToLeft = (language: string): boolean => /^(ar|he|fa|ur)\b/i.test(language);
