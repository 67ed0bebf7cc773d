// Ties the video and the curve together: a line on the curve follows the video; a click on the
// curve, or on a repetition's time, takes the video there. Without it the page works all the same.
// `window.posture.end` is the video's length in seconds; the page sets it.
(() => {
  const known = window.posture?.listening;
  window.posture = { ...window.posture, end: END_S, listening: true };
  if (known) return;

  const theVideo = () => document.querySelector(".st-key-seen video");
  const plotArea = () =>
    document
      .querySelector(".st-key-curve .role-frame > g > .background")
      ?.getBoundingClientRect();

  const draw = (video) => {
    const chart = document.querySelector(".st-key-curve");
    const area = plotArea();
    if (!chart || !area) return;
    let line = chart.querySelector(".playhead");
    if (!line) {
      line = document.createElement("div");
      line.className = "playhead";
      line.setAttribute("aria-hidden", "true");
      chart.append(line);
    }
    const frame = chart.getBoundingClientRect();
    const share = Math.min(video.currentTime / window.posture.end, 1);
    line.style.left = `${area.left - frame.left + share * area.width}px`;
    line.style.top = `${area.top - frame.top}px`;
    line.style.height = `${area.height}px`;
  };

  const follow = () => {
    const video = theVideo();
    if (!video) return;
    draw(video);
    if (!video.paused && !video.ended) requestAnimationFrame(follow);
  };

  const seek = (time) => {
    const video = theVideo();
    if (!video) return;
    video.currentTime = Math.max(0, time);
    draw(video);
  };

  // Media events do not bubble, but they can be caught on their way down.
  for (const event of ["play", "seeked", "timeupdate"]) {
    document.addEventListener(event, follow, true);
  }
  window.addEventListener("resize", follow);
  document.addEventListener("click", (click) => {
    const button = click.target.closest?.("[data-seek]");
    if (button) return seek(Number(button.dataset.seek));
    const area = click.target.closest?.(".st-key-curve svg.marks") && plotArea();
    if (!area || click.clientX < area.left || click.clientX > area.right) return;
    seek(((click.clientX - area.left) / area.width) * window.posture.end);
  });
})();
