namespace Aspire.Hosting.Cli.Primary.Messages;

/// <summary>The state of a resource, for terminals that show no dashboard.</summary>
internal sealed record ResourceStateEntry(string Resource, string Type, string State, string[] Endpoints, string? Health);
