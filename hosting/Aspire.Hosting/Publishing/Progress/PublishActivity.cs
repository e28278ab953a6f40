namespace Aspire.Hosting.Publishing.Progress;

/// <summary>One piece of news from a publish.</summary>
/// <param name="Id">Names what the news is about; later news of the same bears the same.</param>
/// <param name="Text">What a person reads.</param>
/// <param name="State">How it stands.</param>
internal abstract record PublishActivity(string Id, string Text, PublishState State);
