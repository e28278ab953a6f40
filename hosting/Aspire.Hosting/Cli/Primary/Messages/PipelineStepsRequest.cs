namespace Aspire.Hosting.Cli.Primary.Messages;

/// <summary>Asks which steps there are.</summary>
/// <param name="Step">The step whose run is meant, with all that it needs; null for every step.</param>
internal sealed record PipelineStepsRequest(string? Step);
