namespace Aspire.Hosting.ApplicationModel;

/// <summary>When a container engine fetches an image.</summary>
public enum ImagePullPolicy
{
    /// <summary>As the engine does by itself.</summary>
    Default,

    /// <summary>Before every start.</summary>
    Always,

    /// <summary>Only when it is not there.</summary>
    Missing,

    /// <summary>Never: it must be there.</summary>
    Never,
}
