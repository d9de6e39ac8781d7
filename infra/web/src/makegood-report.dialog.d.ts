export * from "./dialog.js";
