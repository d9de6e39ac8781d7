document.querySelector("#width").textContent = `${window.innerWidth} wide`;
document.addEventListener("keydown", event => {
  if (event.target.matches("input")) return;
  if (event.key === "d") document.querySelector("form").requestSubmit();
  if (event.key === "k" && event.ctrlKey) { event.preventDefault(); document.querySelector("#note").focus(); }
});
setTimeout(() => { document.querySelector("#late").textContent = "here at last"; }, 200);
