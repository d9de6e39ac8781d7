import "./claim.js";
