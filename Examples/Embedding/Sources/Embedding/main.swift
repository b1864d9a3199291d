// Learning with a schedule that is written in Swift, and the same experiment without the language.
import LearningDynamics
import TSS

func short(_ x: Double) -> Double { (x * 1e5).rounded() / 1e5 }

// MARK: With the language

// The engine is what programs may call: the language, and what this program adds to it.
var engine = Engine(limits: Limits(steps: 10_000_000, files: .none))
engine.define("cooling", doc: "Falls as 1/α from α = 50 on.", parameters: ["α"]) {
  (alpha: Double) in
  0.5 / max(1, alpha / 50)
}
engine.addModule("lab", source: "base = (K=3, init=normal(0.1))")

// A session is a state. What it prints is kept.
let session = engine.session(output: .capture)
session["noise"] = 0.1
try session.eval(
  """
  use lab
  T = teacher(M=2, σ=noise)
  run = ode(student(..base), T, η=cooling, time=1000)
  print("trained to α = {run.α[-1]}")
  """, name: "first.tss")
print(session.output, terminator: "")

// Values come back as Swift types: a list of numbers, and the run itself.
let errors: [Double] = try session.eval("run.eg")
let run: Run = try session.get("run")
print("eg from \(short(errors[0])) to \(short(errors.last!)), K = \(run.student.hiddenUnits)")

// Functions of the language are functions here.
try session.eval("final(K, η) = ode(student(K), teacher(2, σ=0.1), η=η, time=1000).eg[-1]")
let final: (Int, Double) throws -> Double = try session.function("final")
print("final error", short(try final(2, 0.2)))

// Errors are thrown: data, and a picture of the place.
do {
  try session.eval("student(k=2)")
} catch {
  print(error.code, error.suggestions)
  print(error.render())
}

// What takes long tells how far it is and may be stopped; a run that is stopped is a partial run.
session.onProgress { $0.fraction > 0.5 ? .stop : .go }
try session.eval("part = sgd(student(2), teacher(2), η=0.2, time=1000, N=1000)")
let part: Run = try session.get("part")
print("stopped:", part.ending == .interrupted && part.end.alpha < 1000)

// MARK: Without it

let student = Student(hiddenUnits: 3)
let teacher = Teacher(secondLayer: [1, 1], labelNoise: 0.1)
let plan = [Phase(time: 100, firstRate: .constant(0.5), secondRate: .constant(0))]
let start = try InitialState.draw(
  student: student, teacher: teacher, N: 1000, seed: 1, trainsSecondLayer: false)

let theory = try Equations.run(student: student, teacher: teacher, plan: plan, from: start)
let simulation = try Descent.run(
  student: student, teacher: teacher, plan: plan, from: start, N: 1000, seed: 1)
for row in try Comparison.of(theory: theory, simulation: simulation).rows.prefix(3) {
  print(row.quantity, "deviates by less than 0.05:", row.max < 0.05)
}
let end = try AsymptoticError(student: student, teacher: teacher, learningRate: 0.5)
print("final error", short(end.error), "stable up to η =", short(end.stableRate))
