namespace Aspire.Hosting.ApplicationModel;

/// <summary>How the dashboard shows an address.</summary>
/// <param name="DisplayName">The text of the link; empty shows the address.</param>
/// <param name="SortOrder">Higher comes first.</param>
public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);
