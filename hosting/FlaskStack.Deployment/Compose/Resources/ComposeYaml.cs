using YamlDotNet.Serialization;

namespace Aspire.Hosting.Docker.Resources;

/// <summary>Writes Compose files: keys in a fixed order, and quoted whatever some reader could take for something other than text.</summary>
internal static class ComposeYaml
{
    public static string Write(ComposeFile file, string lineEndings) => new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithIndentedSequences()
        .ConfigureDefaultValuesHandling(DefaultValuesHandling.OmitNull)
        .WithMaximumRecursion(20)
        .WithNewLine(lineEndings)
        .DisableAliases()
        .Build()
        .Serialize(file);
}
