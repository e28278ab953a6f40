namespace Aspire.Hosting.ApplicationModel;

/// <summary>The look of a Fluent UI icon.</summary>
public enum IconVariant
{
    /// <summary>Outlined.</summary>
    Regular = 0,

    /// <summary>Filled.</summary>
    Filled = 1,
}
