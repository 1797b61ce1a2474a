const root = document.documentElement;
document.getElementById("switch").addEventListener("click", () => {
  root.lang = root.dataset.lang = root.dataset.lang === "en" ? "zh" : "en";
});
const unfold = (open) => document.querySelectorAll("details").forEach((d) => { d.open = open; });
let open = false;
document.getElementById("unfold").addEventListener("click", () => { open = !open; unfold(open); });
addEventListener("beforeprint", () => document.querySelectorAll(".issue").forEach((d) => { d.open = true; }));
const reveal = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") { target.open = true; }
};
addEventListener("hashchange", reveal);
reveal();
document.querySelectorAll("summary a").forEach((a) => a.addEventListener("click", (e) => e.stopPropagation()));
