// The whole run in small beside a timeline, with the part that is shown; dragging in it moves that part.
window.holdoverMinimap = (host, pictures, goTo) => {
  if (!host) return { shows: () => {}, turn: () => {} };
  const [{ left, right, svg: first }] = pictures;
  const made = (name, attributes) => {
    const node = document.createElementNS(first.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  let height = 0;
  const small = made("svg", { preserveAspectRatio: "none" });
  const drawn = [];
  for (const picture of pictures) {
    for (const rect of picture.svg.querySelectorAll(".mark > rect")) {
      const [y, tall] = ["y", "height"].map((name) => Number(rect.getAttribute(name)));
      const mark = rect.parentNode;
      const kind = mark.classList[1];
      if (kind === "mark-frozen") continue;
      const own = made("rect", { y: y + height, height: tall, class: kind.replace("mark", "mini") });
      drawn.push([own, () => picture.stretchOf(mark)]);
      small.append(own);
    }
    height += Number(picture.svg.getAttribute("height"));
  }
  small.setAttribute("viewBox", `${left} 0 ${right - left} ${height}`);
  // In small a pixel of it is about four of the picture's: less would not be seen.
  const turn = () => {
    for (const [own, stretch] of drawn) {
      const [from, to] = stretch();
      own.setAttribute("x", from);
      own.setAttribute("width", Math.max(to - from, (right - left) / 320));
    }
  };
  turn();
  const part = document.createElement("div");
  part.className = "minimap-part";
  host.replaceChildren(small, part);

  const follow = (event) => {
    const { left: edge, width } = host.getBoundingClientRect();
    goTo(left + ((event.clientX - edge) / width) * (right - left));
  };
  host.onpointerdown = (event) => {
    host.setPointerCapture(event.pointerId);
    follow(event);
  };
  host.onpointermove = (event) => { if (host.hasPointerCapture(event.pointerId)) follow(event); };
  return {
    turn,
    shows: (from, to) => {
      part.style.left = `${((from - left) / (right - left)) * 100}%`;
      part.style.width = `${((to - from) / (right - left)) * 100}%`;
    },
  };
};
