// A timeline's picture at another scale: along the axis every shape moves and stretches, what it says keeps its size.
// Of a tall picture the rows that are seen move with each frame, the others once the zoom rests.
// The server draws what is short wider than its time; on the axis of time everything is as wide as it took.
window.holdoverPicture = (svg, scaled = svg) => {
  const CHARACTER_PX = 6.7;
  const SMALL_PX = 6.1;
  const MARGIN_PX = 24;
  // What is shorter on the axis of time is as wide as this, so that it can be seen and pointed at; a sign needs more.
  const SEEN_PX = 3;
  const SIGN_PX = 16;
  const TICK_PX_MIN = 72;
  // Further than any picture is wide: what reaches there is cut off at its edge.
  const FAR_PX = 1e7;
  // What a row draws above its rule and below the next one.
  const ROW_MARGIN_PX = 48;
  const number = (node, name) => Number(node.getAttribute(name));
  const left = Number(svg.dataset.left);
  const right = Number(svg.dataset.right);
  // --- two axes: the drawn one, even between two corners, and that of time, on which only the breaks keep their width ----
  const corners = (scaled.dataset.corners ?? "").split(" ").filter(Boolean).map((pair) => pair.split(",").map(Number));
  const cornerAfter = (value, of) => {
    let [low, high] = [0, corners.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (corners[middle][of] >= value) high = middle; else low = middle + 1;
    }
    return low;
  };
  const between = (value, of, to) => {
    const next = cornerAfter(value, of);
    if (next <= 0 || corners[next][of] < value) return corners[next][to];
    const [one, other] = [corners[next - 1], corners[next]];
    return one[to] + ((value - one[of]) / (other[of] - one[of])) * (other[to] - one[to]);
  };
  const cut = corners.length > 1 ? [...scaled.querySelectorAll("[data-at]")].map((group) => cornerAfter(Number(group.dataset.at), 0)).filter((next) => next > 0) : [];
  // A corner is where it is drawn, when it is, and where it is on the axis of time.
  if (corners.length > 1) {
    const lengths = corners.map(([x, us], index) => (index ? [x - corners[index - 1][0], us - corners[index - 1][1]] : [0, 0]));
    const kept = cut.reduce((sum, next) => sum + lengths[next][0], 0);
    const shown = lengths.reduce((sum, [, us]) => sum + us, 0) - cut.reduce((sum, next) => sum + lengths[next][1], 0);
    let place = corners[0][0];
    for (const [index, [wide, us]] of lengths.entries()) {
      place += cut.includes(index) ? wide : (us * (corners.at(-1)[0] - corners[0][0] - kept)) / Math.max(shown, 1);
      corners[index].push(place);
    }
  }
  let byTime = false;
  // What lies before the first corner or after the last is as far from it on either axis.
  const spot = (x) => ({ drawn: x, timed: corners.length < 2 || x <= corners[0][0] ? x : x > corners.at(-1)[0] ? corners.at(-1)[2] + x - corners.at(-1)[0] : between(x, 0, 2) });
  const at = (one, scale) => {
    const x = byTime ? one.timed : one.drawn;
    return x <= left ? x : left + (x - left) * scale;
  };
  const end = spot(right);
  const height = number(svg, "height");
  const labels = [...svg.querySelectorAll(".bracket > text")].map((text) => [spot(number(text, "x")), text.textContent.length * SMALL_PX]);
  const widthAt = (scale) => Math.max(at(end, scale), ...labels.map(([x, long]) => at(x, scale) + long)) + MARGIN_PX;
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
    const spots = steps.map(([verb, [x]]) => ("MLH".includes(verb) ? spot(x) : x));
    const drawn = (scale) => steps.map(([verb, [, y]], index) => (verb === "V" ? `V${spots[index]}` : verb === "Z" ? "Z" : `${verb}${at(spots[index], scale)}${verb === "H" ? "" : ` ${y}`}`)).join("");
    return { places, drawn };
  };
  const each = (query, add) => { for (const node of svg.querySelectorAll(query)) add(node); };
  const carried = (node, centre) => {
    const place = spot(centre);
    moves(node, (scale) => node.setAttribute("transform", `translate(${at(place, scale) - centre} 0)`));
  };

  // A text that is moved by its attributes is set anew; by a transform it is not.
  const loose = (text) => {
    text.setAttribute("x", 0);
    return (x) => text.setAttribute("transform", `translate(${x} 0)`);
  };
  const stretches = new Map();
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
    const put = loose(text);
    let said = text.textContent;
    return (x, width) => {
      const fitting = ways.find((way) => way.length * CHARACTER_PX + 8 <= width) ?? "";
      if (said !== fitting) text.textContent = said = fitting;
      if (said) put(centred ? x + width / 2 : x + 6);
    };
  };
  each(":is(.mark, .outline) > rect", (rect) => {
    const [x, width] = [number(rect, "x"), number(rect, "width")];
    const name = named(rect.parentNode, rect);
    const [start, stop] = [spot(x), spot(x + width)];
    stretches.set(rect.parentNode, [start, stop]);
    const least = Math.min(width, rect.parentNode.matches(".outline-throttled, .outline-too-large") ? SIGN_PX : SEEN_PX);
    const sign = rect.parentNode.querySelector(".sign");
    moves(rect, (scale) => {
      const from = at(start, scale);
      const wide = Math.max(at(stop, scale) - from, byTime ? least : Math.min(width, 2));
      if (sign) sign.style.display = wide < SIGN_PX - 4 ? "none" : "";
      rect.setAttribute("x", from);
      rect.setAttribute("width", wide);
      name(from, wide);
    });
  });
  each(":is(.sign, .arrival)", (path) => {
    const { e: x, f: y } = path.transform.baseVal.consolidate().matrix;
    const place = spot(x);
    moves(path, (scale) => path.setAttribute("transform", `translate(${at(place, scale)} ${y})`));
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
    const place = spot(number(text, "x"));
    const put = loose(text);
    moves(text, (scale) => put(at(place, scale)));
  });
  each(".arrow", (arrow) => {
    const [line, text] = [arrow.querySelector(".arrow-line"), arrow.querySelector("text")];
    const { places, drawn } = along(line);
    const [first, last] = [spot(places[0]), spot(places[1])];
    const long = text.textContent.length * CHARACTER_PX;
    text.removeAttribute("text-anchor");
    const put = loose(text);
    moves(arrow, (scale) => {
      line.setAttribute("d", drawn(scale));
      const [from, to] = [at(first, scale), at(last, scale)];
      const free = from + 6 + long <= now.width ? from + 6 : to - 6 - long;
      put(Math.max(2, free));
    });
  });
  each(".lane-rule", (line) => line.setAttribute("x2", FAR_PX));
  each(".axis-line", (line) => moves(line, (scale) => line.setAttribute("x2", at(end, scale))));

  // --- times: places are those of the axis that is shown ----------------------------------------------------------------
  const axisOf = () => (byTime ? 2 : 0);
  const timeAt = (x) => Math.round(between(x, axisOf(), 1));
  const placeOf = (us) => between(us, 1, axisOf());

  // --- ticks: round times for as much of the axis as is seen ---------------------------------------------------------
  const axis = svg.querySelector(".axis");
  if (corners.length > 1) each(".tick, .tick-text", (drawn) => drawn.remove());
  const breaks = cut.map((next) => [corners[next - 1], corners[next]]);
  const told = (us) => (us >= 1e6 ? `${Number((us / 1e6).toPrecision(9))} s` : `${Number((us / 1e3).toPrecision(9))} ms`);
  const niceStep = (least) => {
    for (let power = 1; ; power *= 10) for (const factor of [1, 2, 5]) if (factor * power >= least) return factor * power;
  };
  // The marks of the axis are kept: from frame to frame most of them only move.
  const kept = [];
  const tick = () => {
    const [group, line, text] = ["g", "line", "text"].map((name) => document.createElementNS(svg.namespaceURI, name));
    line.setAttribute("class", "tick");
    for (const [name, value] of [["y1", 16], ["y2", height]]) line.setAttribute(name, value);
    text.setAttribute("class", "tick-text");
    text.setAttribute("y", 11);
    group.append(line, text);
    axis.append(group);
    return { group, text, us: -1, shown: true };
  };
  const marked = (index, x, us) => {
    const one = (kept[index] ??= tick());
    one.group.setAttribute("transform", `translate(${x} 0)`);
    if (one.us !== us) one.text.textContent = told(one.us = us);
    if (!one.shown) one.group.style.display = "";
    one.shown = true;
  };
  const ticks = (scale, from, to) => {
    if (!axis || corners.length < 2) return;
    const [start, end] = [timeAt(from), timeAt(to)];
    const hidden = breaks.reduce((sum, [one, other]) => sum + Math.max(0, Math.min(end, other[1]) - Math.max(start, one[1])), 0);
    const step = niceStep(Math.max(1, end - start - hidden) * TICK_PX_MIN / Math.max(1, (to - from) * scale));
    let used = 0;
    let last = -Infinity;
    for (let us = Math.ceil(start / step) * step; us <= end; us += step) {
      const within = breaks.find(([one, other]) => us > one[1] && us < other[1]);
      if (within) {
        us = Math.max(us, Math.floor(within[1][1] / step) * step);
        if (us < within[1][1]) continue;
      }
      const x = left + (placeOf(us) - left) * scale;
      if (x - last < TICK_PX_MIN) continue;
      last = x;
      marked(used, x, us);
      used += 1;
    }
    for (const one of kept.slice(used)) {
      if (one.shown) one.group.style.display = "none";
      one.shown = false;
    }
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
  // Which axis is shown; the next look at it draws everything there.
  const turn = (wanted) => {
    byTime = wanted && corners.length > 1;
    for (const one of rows) one.scale = 0;
    now = { ...now, scale: 0 };
  };
  const placeIn = (one) => (byTime ? one.timed : one.drawn);
  const stretchOf = (mark) => stretches.get(mark)?.map(placeIn);
  return { svg, left, right, widthAt, show, rest, ticks, turn, timeAt, placeOf, stretchOf, timed: corners.length > 1 };
};
