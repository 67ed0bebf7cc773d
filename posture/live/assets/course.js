// A routine on the screen: where in it the person is, and what the next exercise asks.

/** @typedef {{exercise: string, part: number, parts: number, stage: string, left: number, paused: boolean, say?: string}} CourseMoment */

/** What belongs to a routine. Without one, none of it is seen. */
export class CourseView {
  /** @param {import("./view.js").View} view */
  constructor(view) {
    this.view = view;
    this.paused = false;
    this.told = "";
  }

  /** @param {CourseMoment | undefined} course */
  show(course) {
    const { view } = this;
    view.part("course").hidden = !course;
    const card = view.part("card");
    if (!course) {
      card.hidden = true;
      return;
    }
    if (course.paused !== this.paused) view.write("spoken", course.paused ? view.say("programme.paused") : "");
    this.paused = course.paused;
    const where = fill(view.say("live.course.where"), { part: course.part, parts: course.parts });
    const left = fill(view.say("live.course.left"), { time: clock(course.left) });
    view.write("where", `${where} · ${left}`);
    view.write("pauselabel", view.say(course.paused ? "programme.resume" : "programme.pause"));
    card.hidden = course.stage !== "explain" || course.paused;
    if (!card.hidden) this.explain(course.exercise);
  }

  /** @param {string} exercise */
  explain(exercise) {
    const { view } = this;
    const words = ["camera", "start", "how", "care"].map((name) => view.say(`about.${name}`)).join("\n");
    if (this.told === words) return;
    this.told = words;
    view.write("cardname", view.say("exercise"));
    view.write("cardcamera", view.say("about.camera"));
    view.write("cardcare", view.say("about.care"));
    view.write("cardstart", view.say("about.start"));
    const steps = view.say("about.how").split("\n").map((step) => {
      const line = document.createElement("li");
      line.textContent = step;
      return line;
    });
    view.part("cardhow").replaceChildren(...steps);
  }
}

/** @param {string} words @param {Record<string, string | number>} values */
function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {number} seconds @returns {string} For example "1:05". */
function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
