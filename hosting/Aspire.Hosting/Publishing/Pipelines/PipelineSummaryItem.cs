using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>One line of a <see cref="PipelineSummary"/>.</summary>
/// <param name="key">What the line tells.</param>
/// <param name="value">The value.</param>
/// <param name="enableMarkdown">Whether the value is Markdown.</param>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class PipelineSummaryItem(string key, string value, bool enableMarkdown)
{
    /// <summary>What the line tells.</summary>
    public string Key { get; } = key;

    /// <summary>The value.</summary>
    public string Value { get; } = value;

    /// <summary>Whether the value is Markdown.</summary>
    public bool EnableMarkdown { get; } = enableMarkdown;
}
