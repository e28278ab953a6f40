using Aspire.Hosting.Nginx.Telemetry.Otlp;

namespace Aspire.Hosting.Nginx.Tests.Telemetry;

internal static class SpanExtensions
{
    public static string Hex(this Google.Protobuf.ByteString id) => Convert.ToHexStringLower(id.Span);

    /// <summary>The value of an attribute as text, or null.</summary>
    public static string? Value(this IEnumerable<KeyValue> attributes, string key) =>
        attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value switch
        {
            null => null,
            { ValueCase: AnyValue.ValueOneofCase.IntValue } value => $"{value.IntValue}",
            { ValueCase: AnyValue.ValueOneofCase.DoubleValue } value => $"{value.DoubleValue}",
            { ValueCase: AnyValue.ValueOneofCase.BoolValue } value => $"{value.BoolValue}",
            var value => value.StringValue,
        };
}
