namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Where one replica is reached.</summary>
/// <param name="Url">What it is called in a request.</param>
/// <param name="Socket">Its Unix socket, where it has one.</param>
internal sealed record ReplicaAddress(Uri Url, string? Socket);
