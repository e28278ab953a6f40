namespace Aspire.Hosting.ApplicationModel;

/// <summary>What becomes of the body of a response to an HTTP command.</summary>
public enum HttpCommandResultMode
{
    /// <summary>It is not read. The default.</summary>
    None = 0,

    /// <summary>JSON and text are shown as what their content type says they are; anything else is not read.</summary>
    Auto = 1,

    /// <summary>It is shown as JSON.</summary>
    Json = 2,

    /// <summary>It is shown as text.</summary>
    Text = 3,
}
