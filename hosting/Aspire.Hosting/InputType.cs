using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting;

/// <summary>The kind of value an input takes.</summary>
[Experimental("ASPIREINTERACTION001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public enum InputType
{
    /// <summary>A line of text.</summary>
    Text = 0,

    /// <summary>A line of text that is not shown.</summary>
    SecretText = 1,

    /// <summary>One of several values.</summary>
    Choice = 2,

    /// <summary>Yes or no.</summary>
    Boolean = 3,

    /// <summary>A number.</summary>
    Number = 4,
}
