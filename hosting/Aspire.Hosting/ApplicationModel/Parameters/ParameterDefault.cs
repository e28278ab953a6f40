using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where a parameter's value comes from when configuration has none.</summary>
public abstract class ParameterDefault
{
    /// <summary>Writes the default into a manifest, inside the object <c>default</c> of the parameter's input.</summary>
    /// <param name="context">The manifest being written.</param>
    public abstract void WriteToManifest(ManifestPublishingContext context);

    /// <summary>Gives the default value.</summary>
    public abstract string GetDefaultValue();
}
