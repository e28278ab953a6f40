using Google.Protobuf.Collections;

namespace Aspire.Hosting.Nginx.Telemetry.Otlp;

/// <summary>Adds attributes; what is not known is left out.</summary>
internal static class OtlpAttributes
{
    public static RepeatedField<KeyValue> With(this RepeatedField<KeyValue> attributes, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            attributes.Add(new KeyValue { Key = key, Value = new() { StringValue = value } });
        }

        return attributes;
    }

    public static RepeatedField<KeyValue> With(this RepeatedField<KeyValue> attributes, string key, long? value)
    {
        if (value is { } number)
        {
            attributes.Add(new KeyValue { Key = key, Value = new() { IntValue = number } });
        }

        return attributes;
    }

    public static RepeatedField<KeyValue> With(this RepeatedField<KeyValue> attributes, string key, double? value)
    {
        if (value is { } number)
        {
            attributes.Add(new KeyValue { Key = key, Value = new() { DoubleValue = number } });
        }

        return attributes;
    }
}
