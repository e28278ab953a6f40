namespace Aspire.Hosting.Nginx.Telemetry;

/// <summary>Which row of which resource an address belongs to.</summary>
/// <param name="Upstream">The upstream.</param>
/// <param name="Row">The id of the row, such as <c>api-qwertyui</c>.</param>
internal sealed record MemberName(string Upstream, string Row);
