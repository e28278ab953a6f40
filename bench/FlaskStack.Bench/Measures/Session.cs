using FlaskStack.Bench.Competitors;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Measures;

/// <summary>What every measure needs.</summary>
/// <param name="Plan">How much is measured.</param>
/// <param name="Grounds">Where stacks are started.</param>
/// <param name="Recorder">Where figures go.</param>
internal sealed record Session(BenchPlan Plan, Grounds Grounds, Recorder Recorder);
