// The whole run in small beside a timeline, with the part that is shown; dragging in it moves that part.
window.holdoverMinimap = (host, pictures, goTo) => {
  if (!host) return { shows: () => {} };
  const [{ left, right, svg: first }] = pictures;
  const made = (name, attributes) => {
    const node = document.createElementNS(first.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  let height = 0;
  const small = made("svg", { preserveAspectRatio: "none" });
  for (const { svg } of pictures) {
    for (const rect of svg.querySelectorAll(".mark > rect")) {
      const [x, y, width, tall] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
      const kind = rect.parentNode.classList[1];
      if (kind !== "mark-frozen") small.append(made("rect", { x, y: y + height, width, height: tall, class: kind.replace("mark", "mini") }));
    }
    height += Number(svg.getAttribute("height"));
  }
  small.setAttribute("viewBox", `${left} 0 ${right - left} ${height}`);
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
    shows: (from, to) => {
      part.style.left = `${((from - left) / (right - left)) * 100}%`;
      part.style.width = `${((to - from) / (right - left)) * 100}%`;
    },
  };
};
