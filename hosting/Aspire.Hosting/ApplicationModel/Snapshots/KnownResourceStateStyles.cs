namespace Aspire.Hosting.ApplicationModel;

/// <summary>The colours the dashboard has for states.</summary>
public static class KnownResourceStateStyles
{
    /// <summary>Something succeeded.</summary>
    public static readonly string Success = "success";

    /// <summary>Something failed.</summary>
    public static readonly string Error = "error";

    /// <summary>Something is worth knowing.</summary>
    public static readonly string Info = "info";

    /// <summary>Something needs attention.</summary>
    public static readonly string Warn = "warning";
}
