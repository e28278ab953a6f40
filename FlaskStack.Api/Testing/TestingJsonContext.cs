using System.Text.Json;
using System.Text.Json.Serialization;

namespace FlaskStack.Api.Testing;

/// <summary>The JSON types of the test routes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TestingHeaders))]
[JsonSerializable(typeof(TestingInstance))]
internal sealed partial class TestingJsonContext : JsonSerializerContext;
