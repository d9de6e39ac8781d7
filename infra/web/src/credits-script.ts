import "./credits.js";
