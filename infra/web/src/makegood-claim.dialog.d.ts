export * from "./claim-dialog.js";
