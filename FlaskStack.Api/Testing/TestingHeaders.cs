namespace FlaskStack.Api.Testing;

/// <summary>How the service sees a request after the proxy's headers are taken into account.</summary>
/// <param name="Client">The client's address, or <see langword="null"/> on a bare Unix socket.</param>
/// <param name="Scheme">The scheme.</param>
/// <param name="Host">The host.</param>
/// <param name="Headers">All request headers, as they are then.</param>
internal sealed record TestingHeaders(string? Client, string Scheme, string Host, IReadOnlyDictionary<string, string[]> Headers);
