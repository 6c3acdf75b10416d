// A timeline's picture at another scale: along the axis every shape moves and stretches, what it says keeps its size.
// Of a tall picture the rows that are seen move with each frame, the others once the zoom rests.
window.holdoverPicture = (svg) => {
  const CHARACTER_PX = 6.7;
  const SMALL_PX = 6.1;
  const MARGIN_PX = 24;
  const TICK_PX_MIN = 72;
  // Further than any picture is wide: what reaches there is cut off at its edge.
  const FAR_PX = 1e7;
  // What a row draws above its rule and below the next one.
  const ROW_MARGIN_PX = 48;
  const number = (node, name) => Number(node.getAttribute(name));
  const left = Number(svg.dataset.left);
  const right = Number(svg.dataset.right);
  const at = (x, scale) => (x <= left ? x : left + (x - left) * scale);
  const height = number(svg, "height");
  const labels = [...svg.querySelectorAll(".bracket > text")].map((text) => [number(text, "x"), text.textContent.length * SMALL_PX]);
  const widthAt = (scale) => Math.max(at(right, scale), ...labels.map(([x, long]) => at(x, scale) + long)) + MARGIN_PX;
  let now = { scale: 0, scrolled: 0, width: 0 };

  const row = (top, lane) => ({ top, bottom: height, movers: [], names: lane ? [...lane.querySelectorAll(".lane-name, .lane-note")] : [], scale: 0, scrolled: 0 });
  const lanes = [...svg.querySelectorAll("g.lane")];
  const lone = row(-Infinity);
  const rows = [lone, ...lanes.map((lane) => row(number(lane.querySelector(".lane-rule"), "y1"), lane))];
  for (const [index, one] of rows.entries()) one.bottom = index && rows[index + 1] ? rows[index + 1].top : height;
  const rowOf = new Map(lanes.map((lane, index) => [lane, rows[index + 1]]));
  const moves = (node, move) => (rowOf.get(node.closest("g.lane")) ?? lone).movers.push(move);

  const along = (path) => {
    const steps = [...path.getAttribute("d").matchAll(/([MLHVZ])([^MLHVZ]*)/g)].map(([, verb, rest]) => [verb, rest.trim().split(/[\s,]+/).filter(Boolean).map(Number)]);
    const places = steps.flatMap(([verb, [x]]) => ("MLH".includes(verb) ? [x] : []));
    const drawn = (scale) => steps.map(([verb, [x, y]]) => ({ M: `M${at(x, scale)} ${y}`, L: `L${at(x, scale)} ${y}`, H: `H${at(x, scale)}`, V: `V${x}`, Z: "Z" })[verb]).join("");
    return { places, drawn };
  };
  const each = (query, add) => { for (const node of svg.querySelectorAll(query)) add(node); };
  const carried = (node, centre) => moves(node, (scale) => node.setAttribute("transform", `translate(${at(centre, scale) - centre} 0)`));

  const named = (mark, rect) => {
    let text = mark.querySelector("text");
    const ways = (mark.dataset.ways ?? text?.textContent ?? "").split("\n").filter(Boolean);
    if (!ways.length) return () => {};
    if (!text) {
      text = document.createElementNS(svg.namespaceURI, "text");
      text.setAttribute("y", number(rect, "y") + Math.floor(number(rect, "height") / 2) + 4);
      mark.append(text);
    }
    const centred = mark.classList.contains("mark");
    return (x, width) => {
      const fitting = ways.find((way) => way.length * CHARACTER_PX + 8 <= width) ?? "";
      if (text.textContent !== fitting) text.textContent = fitting;
      text.setAttribute("x", centred ? x + width / 2 : x + 6);
    };
  };
  each(":is(.mark, .outline) > rect", (rect) => {
    const [x, width] = [number(rect, "x"), number(rect, "width")];
    const name = named(rect.parentNode, rect);
    moves(rect, (scale) => {
      const from = at(x, scale);
      const wide = Math.max(at(x + width, scale) - from, Math.min(width, 2));
      rect.setAttribute("x", from);
      rect.setAttribute("width", wide);
      name(from, wide);
    });
  });
  each(":is(.sign, .arrival)", (path) => {
    const { e: x, f: y } = path.transform.baseVal.consolidate().matrix;
    moves(path, (scale) => path.setAttribute("transform", `translate(${at(x, scale)} ${y})`));
  });
  each(":is(.arrow-head, .mote)", (path) => {
    const { places } = along(path);
    carried(path, (Math.min(...places) + Math.max(...places)) / 2);
  });
  each("[data-at]", (group) => carried(group, Number(group.dataset.at)));
  each(":is(.bracket > path, .link)", (path) => {
    const { drawn } = along(path);
    moves(path, (scale) => path.setAttribute("d", drawn(scale)));
  });
  each(".bracket > text", (text) => {
    const x = number(text, "x");
    moves(text, (scale) => text.setAttribute("x", at(x, scale)));
  });
  each(".arrow", (arrow) => {
    const [line, text] = [arrow.querySelector(".arrow-line"), arrow.querySelector("text")];
    const { places, drawn } = along(line);
    const long = text.textContent.length * CHARACTER_PX;
    text.removeAttribute("text-anchor");
    moves(arrow, (scale) => {
      line.setAttribute("d", drawn(scale));
      const [from, to] = [at(places[0], scale), at(places[1], scale)];
      const free = from + 6 + long <= now.width ? from + 6 : to - 6 - long;
      text.setAttribute("x", Math.max(2, free));
    });
  });
  each(".lane-rule", (line) => line.setAttribute("x2", FAR_PX));
  each(".axis-line", (line) => moves(line, (scale) => line.setAttribute("x2", at(right, scale))));

  // --- times: the axis is even between two corners ------------------------------------------------------------------
  const corners = (svg.dataset.corners ?? "").split(" ").filter(Boolean).map((pair) => pair.split(",").map(Number));
  const between = (given, value, of, to) => {
    const next = corners.findIndex((corner) => corner[of] >= value);
    if (next <= 0) return corners.at(next)[to];
    const [one, other] = [corners[next - 1], corners[next]];
    return one[to] + ((value - one[of]) / (other[of] - one[of])) * (other[to] - one[to]);
  };
  const timeAt = (x) => Math.round(between(corners, x, 0, 1));
  const placeOf = (us) => between(corners, us, 1, 0);

  // --- ticks: round times for as much of the axis as is seen ---------------------------------------------------------
  const axis = svg.querySelector(".axis");
  const cut = [...svg.querySelectorAll("[data-at]")].map((group) => {
    const next = corners.findIndex((corner) => corner[0] >= Number(group.dataset.at));
    return [corners[next - 1], corners[next]];
  }).filter(([one, other]) => one && other);
  const told = (us) => (us >= 1e6 ? `${Number((us / 1e6).toPrecision(9))} s` : `${Number((us / 1e3).toPrecision(9))} ms`);
  const niceStep = (least) => {
    for (let power = 1; ; power *= 10) for (const factor of [1, 2, 5]) if (factor * power >= least) return factor * power;
  };
  const tick = (x, us) => {
    const [line, text] = ["line", "text"].map((name) => document.createElementNS(svg.namespaceURI, name));
    line.setAttribute("class", "tick");
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", 16], ["y2", height]]) line.setAttribute(name, value);
    text.setAttribute("class", "tick-text");
    text.setAttribute("x", x);
    text.setAttribute("y", 11);
    text.textContent = told(us);
    return [line, text];
  };
  const ticks = (scale, from, to) => {
    if (!axis || corners.length < 2) return;
    for (const old of axis.querySelectorAll(".tick, .tick-text")) old.remove();
    const [start, end] = [timeAt(from), timeAt(to)];
    const hidden = cut.reduce((sum, [one, other]) => sum + Math.max(0, Math.min(end, other[1]) - Math.max(start, one[1])), 0);
    const step = niceStep(Math.max(1, end - start - hidden) * TICK_PX_MIN / Math.max(1, (to - from) * scale));
    const made = [];
    let last = -Infinity;
    for (let us = Math.ceil(start / step) * step; us <= end; us += step) {
      const within = cut.find(([one, other]) => us > one[1] && us < other[1]);
      if (within) {
        us = Math.max(us, Math.floor(within[1][1] / step) * step);
        if (us < within[1][1]) continue;
      }
      const x = at(placeOf(us), scale);
      if (x - last < TICK_PX_MIN) continue;
      last = x;
      made.push(...tick(x, us));
    }
    axis.append(...made);
  };

  // --- the names of lanes stay at the edge, and shapes end at them -----------------------------------------------------
  const clip = document.createElementNS(svg.namespaceURI, "clipPath");
  const clear = document.createElementNS(svg.namespaceURI, "rect");
  clip.id = `timeline-clear-${holdoverPicture.made = (holdoverPicture.made ?? 0) + 1}`;
  for (const [name, value] of [["y", 0], ["width", FAR_PX], ["height", height]]) clear.setAttribute(name, value);
  clip.append(clear);
  svg.prepend(clip);
  each(".moving", (group) => group.setAttribute("clip-path", `url(#${clip.id})`));

  // --- the picture at a scale, with its edge scrolled so far; of rows, those between two heights ------------------------
  const bring = (one) => {
    if (one.scale !== now.scale) for (const move of one.movers) move(now.scale);
    if (one.scrolled !== now.scrolled) for (const name of one.names) name.setAttribute("transform", `translate(${now.scrolled} 0)`);
    Object.assign(one, { scale: now.scale, scrolled: now.scrolled });
  };
  const show = (scale, scrolled, [top, bottom] = [-Infinity, Infinity]) => {
    const width = Math.round(widthAt(scale));
    if (width !== now.width) svg.setAttribute("width", width);
    if (scrolled !== now.scrolled || !now.scale) clear.setAttribute("x", scrolled ? left + scrolled - 8 : 0);
    now = { scale, scrolled, width };
    for (const one of rows) if (one.top - ROW_MARGIN_PX < bottom && one.bottom + ROW_MARGIN_PX > top) bring(one);
  };
  const rest = () => rows.forEach(bring);
  // Without it the picture's units are pixels at every width.
  svg.removeAttribute("viewBox");
  return { svg, left, right, widthAt, show, rest, ticks, timeAt, placeOf, timed: corners.length > 1 };
};
