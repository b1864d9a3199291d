import TSSLanguage
import Testing

/// Every expression knows the text that it was read from.
@Suite struct SpanTests {
  /// Reading the text of any part of a program gives that part again.
  @Test(arguments: [
    "a + b*c - d", "2(x+1)(x-1)", "-x^2 + (not y)", "a or b and c", "0 < x < y + 1", "1:n+1",
    "f(a, b=c + 1, ..r)[1, -1].eg'", "x |> f(a) |> g", "[x^2 for x in xs if x > 0]",
    "[1, 2 + 3; a, b]", "(x, y=2) -> x + y", "if a > 0 { b + 1 } else if c { d } else { e }",
    "sweep K in 1:3, s in [1] { f(K) + s }", "\"a{x + 1:.2f} {f(\"b\")}\"", "((a + b))*(c)",
    "t[K=4, seed=1 + 2]", "x -> { y = x; y + 1 }", "2x^2", "f(g(1)(2) + 3)", "(a=1 + 2, b=f(3))",
  ])
  func everyPartReadsBack(_ text: String) throws {
    let program = try Parser.parse(Source(name: "test.tss", text: text))
    #expect(program.statements[0].span.text == text)
    for case .expression(let expression) in program.statements.map(\.kind) { verify(expression) }
  }

  @Test func everyPartOfTheExamplesReadsBack() throws {
    for source in RobustnessTests.examples {
      for statement in try Parser.parse(source).statements { verify(statement) }
    }
  }

  private func verify(_ statement: Statement) {
    #expect(tree(statement.span.text) == statement.dump)
    switch statement.kind {
    case .expression(let value): verify(value)
    case .assign(_, let value): verify(value)
    case .define(let function): verify(function.body)
    case .for(let binders, let body):
      binders.forEach { verify($0.values) }
      verify(body)
    case .while(let condition, let body):
      verify(condition)
      verify(body)
    case .return(let value): value.map(verify)
    case .use: break
    }
  }

  private func verify(_ block: Block) { block.statements.forEach(verify) }

  private func verify(_ expression: Expression) {
    #expect(tree(expression.span.text) == expression.dump)
    switch expression.kind {
    case .number, .bool, .name: break
    case .string(let parts):
      for case .value(let value, _, _) in parts { verify(value) }
    case .negate(let a), .not(let a), .transpose(let a), .field(let a, _): verify(a)
    case .binary(_, let a, let b, _), .and(let a, let b), .or(let a, let b):
      verify(a)
      verify(b)
    case .comparison(let operands, _): operands.forEach(verify)
    case .range(let start, let step, let stop):
      [start, step, stop].compactMap { $0 }.forEach(verify)
    case .list(let elements), .record(let elements): elements.forEach { verify($0.expression) }
    case .matrix(let rows): rows.joined().forEach(verify)
    case .comprehension(let element, let binders, let filter):
      verify(element)
      binders.forEach { verify($0.values) }
      filter.map(verify)
    case .call(let function, let arguments, _):
      verify(function)
      arguments.forEach { verify($0.expression) }
    case .index(let base, let indices):
      verify(base)
      for index in indices {
        switch index {
        case .value(let value), .key(_, let value): verify(value)
        case .all: break
        }
      }
    case .lambda(let function): verify(function.body)
    case .if(let condition, let then, let otherwise):
      verify(condition)
      verify(then)
      otherwise.map(verify)
    case .sweep(let binders, let body):
      binders.forEach { verify($0.values) }
      verify(body)
    }
  }
}
