import "./report.js";
