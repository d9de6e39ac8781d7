// What the build makes of the tables of words: one language of one dialog, whose own type says more.
declare module "*.words.js" {
  const words: never;
  export default words;
}
