/// One thing that the tour shows: what it is, a line to type, what must hold afterwards.
public struct TourStep: Sendable {
  public enum Goal: Sendable {
    /// A condition of the language.
    case holds(String)
    /// A command that did its work.
    case command(String)
  }

  public var title: String
  /// Two to four lines at 80 columns.
  public var text: String
  public var line: String
  public var goal: Goal
  /// Names that the line binds, and names of earlier steps that it reads.
  public var gives: [String] = []
  public var needs: [String] = []

  public static let all: [TourStep] = [
    TourStep(
      title: "Numbers and Greek letters",
      text: """
        The prompt is a calculator. A number before a name multiplies: 2π is 2*π.
        Greek letters are typed as \\eta TAB, or spelled: eta and η are one name.
        """,
      line: "η = 0.5; 2π*sqrt(η)", goal: .holds("type(η) == \"number\""), gives: ["η"]),
    TourStep(
      title: "A teacher and a student",
      text: """
        The teacher is a fixed two-layer network that labels Gaussian inputs, here with
        2 hidden units and label noise σ. The student, with 3, learns from the labels.
        What else they take: ?teacher, or TAB inside the brackets.
        """,
      line: "T = teacher(M=2, σ=0.1); S = student(K=3)",
      goal: .holds("type(T) == \"teacher\" and type(S) == \"student\""), gives: ["T", "S"]),
    TourStep(
      title: "The equations of learning",
      text: """
        For infinitely many inputs the overlaps Q and R of the networks follow closed
        equations (Saad and Solla 1995). `ode` integrates them; time is α = steps/N.
        The curve is eg, the generalisation error: a plateau, then specialisation.
        """,
      line: "r = ode(S, T, η=0.5, time=100); plot(r)", goal: .holds("type(r) == \"run\""),
      gives: ["r"], needs: ["S", "T"]),
    TourStep(
      title: "Theory and simulation",
      text: """
        `sgd` trains a real student on N inputs, one fresh sample at each step. Given a
        run it repeats that experiment: same networks, same start, same schedule.
        `compare` says how far the two are apart.
        """,
      line: "s = sgd(r, N=784); compare(r, s)", goal: .holds("type(s) == \"run\" and s.N == 784"),
      gives: ["s"], needs: ["r"]),
    TourStep(
      title: "Error bars",
      text: """
        A list of seeds makes an ensemble: one value, whose eg is the mean, with the
        standard error in .sem and the members in .runs. They run on all cores.
        A plot of both shows lines for `ode` and crosses for `sgd`.
        """,
      line: "e = sgd(r, N=784, seed=1:4); plot(r, e)", goal: .holds("type(e) == \"ensemble\""),
      gives: ["e"], needs: ["r"]),
    TourStep(
      title: "A million inputs",
      text: """
        `method=reduced` simulates the same law through the overlaps alone, at a cost
        per step that does not depend on N. (^C would stop it and keep what is done.)
        """,
      line: "big = sgd(S, T, η=0.5, time=2, N=1e6, method=reduced)",
      goal: .holds("big.N == 1e6"), gives: ["big"], needs: ["S", "T"]),
    TourStep(
      title: "A sweep",
      text: """
        `sweep` runs its block for each value, in parallel, and gives a table with named
        axes. Here: how the error in the end grows with superfluous hidden units.
        """,
      line: "t = sweep K in 2:5 { ode(student(K), T, η=0.5, time=1000).eg[-1] }; t",
      goal: .holds("type(t) == \"table\""), gives: ["t"], needs: ["T"]),
    TourStep(
      title: "Formulas instead of curves",
      text: """
        `final_error` computes where learning ends for small noise, `stable_rate` up to
        which η it does, `plateau` where it waits. For K = 3 compare with the table above.
        """,
      line: "ε = final_error(S, T, η=0.5).eg; [ε, stable_rate(S, T), plateau(S, T).eg]",
      goal: .holds("ε > 0"), gives: ["ε"], needs: ["S", "T"]),
    TourStep(
      title: "Your own activation",
      text: """
        Any function of one number is an activation, in theory and simulation alike:
        the integrals are done numerically. f(x) = … defines a function.
        """,
      line: "f(x) = tanh(x); u = ode(student(1, g=f), teacher(1, g=f), η=1, time=9); u",
      goal: .holds("type(f) == \"function\" and type(u) == \"run\""), gives: ["f", "u"]),
    TourStep(
      title: "Keep it, and go on",
      text: """
        :save writes the inputs that worked as a script; `tss tour.tss` runs it again, to
        the same numbers. :help lists the commands, ?ode explains ode, and the manual
        is docs/language.md. :vars shows what you have made.
        """,
      line: ":save tour.tss", goal: .command("save")),
  ]
}
