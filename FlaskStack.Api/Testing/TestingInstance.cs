namespace FlaskStack.Api.Testing;

/// <summary>Which process answered.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="Instance">Its <c>service.instance.id</c>, from <c>OTEL_RESOURCE_ATTRIBUTES</c>.</param>
internal sealed record TestingInstance(int Pid, string? Instance);
