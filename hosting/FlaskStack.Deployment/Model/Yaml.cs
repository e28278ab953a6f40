using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace FlaskStack.Deployment.Model;

/// <summary>Keys with their values, in the order in which they were added. A value is text, a number, a flag, a map or a list.</summary>
internal sealed class YamlMap : Dictionary<string, object>
{
    /// <summary>Adds an entry; one without a value, or with an empty list or map, is left out.</summary>
    public new void Add(string key, object? value)
    {
        if (value is not (null or Array { Length: 0 } or YamlMap { Count: 0 }))
        {
            base.Add(key, value);
        }
    }
}

/// <summary>Writes YAML: what any reader could take for something other than text is quoted.</summary>
internal static partial class Yaml
{
    private static readonly ISerializer Serializer = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithIndentedSequences()
        .WithEventEmitter(static next => new SafeText(next), static where => where.OnBottom())
        .WithNewLine("\n")
        .DisableAliases()
        .Build();

    public static string[] List(params string[] items) => items;

    public static string Write(YamlMap root) => Serializer.Serialize(root);

    /// <summary>Numbers and dates of YAML 1.1, which Kubernetes reads, and 1.2: YamlDotNet knows fewer.</summary>
    [GeneratedRegex(@"^((?=.*[0-9])[-+.0-9][-+.0-9eE_:xXoOa-fA-FTZ]*|=)\z")]
    private static partial Regex Ambiguous();

    /// <summary>Text of several lines stays readable, and what looks like a number stays text.</summary>
    private sealed class SafeText(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (eventInfo.Source.Value is string text)
            {
                eventInfo.Style = text.Contains('\n', StringComparison.Ordinal)
                    && !text.Contains('\r', StringComparison.Ordinal) ? ScalarStyle.Literal
                    : Ambiguous().IsMatch(text) || text.Any(char.IsControl) ? ScalarStyle.DoubleQuoted
                    : eventInfo.Style;
            }

            base.Emit(eventInfo, emitter);
        }
    }
}
