using System.Text.Json;
using System.Text.Json.Serialization;

namespace FlaskStack.Api.Testing;

/// <summary>The JSON types of the test routes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TestingHeaders))]
[JsonSerializable(typeof(TestingInstance))]
internal sealed partial class TestingJsonContext : JsonSerializerContext;

/// <summary>How the service sees a request after the proxy's headers are taken into account.</summary>
/// <param name="Client">The client's address, or <see langword="null"/> on a bare Unix socket.</param>
/// <param name="Scheme">The scheme.</param>
/// <param name="Host">The host.</param>
/// <param name="Headers">All request headers, as they are then.</param>
internal sealed record TestingHeaders(string? Client, string Scheme, string Host, IReadOnlyDictionary<string, string[]> Headers);

/// <summary>Which process answered.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="Instance">Its <c>service.instance.id</c>, from <c>OTEL_RESOURCE_ATTRIBUTES</c>.</param>
internal sealed record TestingInstance(int Pid, string? Instance);
