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
internal static class Yaml
{
    private static readonly ISerializer Serializer = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithIndentedSequences()
        .WithEventEmitter(static next => new BlockText(next), static where => where.OnBottom())
        .WithNewLine("\n")
        .DisableAliases()
        .Build();

    public static string[] List(params string[] items) => items;

    public static string Write(YamlMap root) => Serializer.Serialize(root);

    /// <summary>Text of several lines stays readable.</summary>
    private sealed class BlockText(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (eventInfo.Source.Value is string text && text.Contains('\n', StringComparison.Ordinal))
            {
                eventInfo.Style = ScalarStyle.Literal;
            }

            base.Emit(eventInfo, emitter);
        }
    }
}
