namespace Aspire.Hosting.Cli.Primary.Messages;

/// <summary>A step of the pipeline.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does.</param>
/// <param name="DependsOn">The names of the steps before it.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="ResourceName">The resource that it belongs to, if any.</param>
internal sealed record PipelineStepEntry(string Name, string? Description, string[] DependsOn, string[] Tags, string? ResourceName);
