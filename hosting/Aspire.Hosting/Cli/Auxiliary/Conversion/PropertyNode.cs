using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Cli.Auxiliary.Conversion;

/// <summary>The value of a detail as JSON, or as text for clients from before they took JSON. Secrets are left out wherever they occur.</summary>
internal static class PropertyNode
{
    private const string Separator = ",";

    /// <summary>The value with its structure.</summary>
    public static JsonNode? Of(object? value, SecretValues secrets) => value switch
    {
        null => null,
        string text => secrets.Occur(text) ? null : JsonValue.Create(text),
        bool truth => JsonValue.Create(truth),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        IEnumerable<KeyValuePair<string, string>> pairs => new JsonObject(pairs.Select(pair => KeyValuePair.Create(pair.Key, Of(pair.Value, secrets)))),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(item => Of(item, secrets))]),
        _ => Of(Text(value), secrets),
    };

    /// <summary>The value as text.</summary>
    public static JsonNode? TextOf(object? value, SecretValues secrets) => value is null ? null : Of(Text(value), secrets);

    private static string? Text(object value) => value switch
    {
        string text => text,
        DateTime time => time.ToUtc().ToString("O", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list => string.Join(Separator, list.Cast<object?>().Where(static item => item is not null).Select(static item => Text(item!))),
        _ => value.ToString(),
    };
}
