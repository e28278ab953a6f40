using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A default that, once used, is kept in user secrets, so that later runs have the same.</summary>
internal sealed class KeptParameterDefault(UserSecretsFile file, string key, ParameterDefault value) : ParameterDefault
{
    public override string GetDefaultValue() => file.GetOrAdd(key, value.GetDefaultValue);

    public override void WriteToManifest(ManifestPublishingContext context) => value.WriteToManifest(context);
}
